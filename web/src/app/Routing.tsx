import { lazy, Suspense } from "react";
import { Link, Route, Routes, useLocation } from "react-router";
import type { Role } from "../api/types";
import { Boundary } from "../ui/Boundary";
import { EmptyNotice, LoadingRows, PageHead } from "../ui/PageParts";
import { Shell } from "./Shell";

// Each screen is a file of its own, fetched when somebody goes there.
const CustomerList = lazy(() => import("../screens/customer-list/CustomerList"));
const CustomerPage = lazy(() => import("../screens/customer-page/CustomerPage"));
const EventList = lazy(() => import("../screens/events/EventList"));
const EventPage = lazy(() => import("../screens/events/EventPage"));
const Jobs = lazy(() => import("../screens/jobs/Jobs"));
const Overview = lazy(() => import("../screens/overview/Overview"));
const Quarantine = lazy(() => import("../screens/quarantine/Quarantine"));
const SegmentEditor = lazy(() => import("../screens/segments/SegmentEditor"));
const SegmentList = lazy(() => import("../screens/segments/SegmentList"));
const Tags = lazy(() => import("../screens/tags/Tags"));

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
  const { pathname } = useLocation();
  return (
    <Shell email={email} role={role}>
      <Boundary key={pathname}>
        <Suspense fallback={<LoadingRows />}>
          <Routes>
            <Route path="/" element={<Overview />} />
            <Route path="/customers" element={<CustomerList />} />
            <Route path="/customers/:customerId" element={<CustomerPage />} />
            <Route path="/events" element={<EventList />} />
            <Route path="/events/event" element={<EventPage />} />
            <Route path="/segments" element={<SegmentList />} />
            <Route path="/segments/:segmentId" element={<SegmentEditor />} />
            <Route path="/tags" element={<Tags />} />
            <Route path="/jobs" element={<Jobs />} />
            <Route path="/quarantine" element={<Quarantine />} />
            <Route path="*" element={<NotFound />} />
          </Routes>
        </Suspense>
      </Boundary>
    </Shell>
  );
}
