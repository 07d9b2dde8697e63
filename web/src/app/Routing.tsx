import { Link, Route, Routes } from "react-router";
import type { Role } from "../api/types";
import CustomerList from "../screens/customer-list/CustomerList";
import CustomerPage from "../screens/customer-page/CustomerPage";
import Jobs from "../screens/jobs/Jobs";
import Overview from "../screens/overview/Overview";
import Quarantine from "../screens/quarantine/Quarantine";
import SegmentEditor from "../screens/segments/SegmentEditor";
import SegmentList from "../screens/segments/SegmentList";
import Tags from "../screens/tags/Tags";
import { EmptyNotice, PageHead } from "../ui/PageParts";
import { Shell } from "./Shell";

function NotFound() {
  return (
    <>
      <PageHead title="Not found" />
      <EmptyNotice title="There is no such page.">
        <Link to="/">To the overview</Link>
      </EmptyNotice>
    </>
  );
}

export function Routing({ email, role }: { email: string; role: Role }) {
  return (
    <Shell email={email} role={role}>
      <Routes>
        <Route path="/" element={<Overview />} />
        <Route path="/customers" element={<CustomerList />} />
        <Route path="/customers/:customerId" element={<CustomerPage />} />
        <Route path="/segments" element={<SegmentList />} />
        <Route path="/segments/:segmentId" element={<SegmentEditor />} />
        <Route path="/tags" element={<Tags />} />
        <Route path="/jobs" element={<Jobs />} />
        <Route path="/quarantine" element={<Quarantine />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Shell>
  );
}
