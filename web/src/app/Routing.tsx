import { lazy, Suspense } from "react";
import { Route, Routes } from "react-router";
import type { Role } from "../api/types";
import { Empty } from "../ui/States";
import { Waiting } from "./App";
import { Shell } from "./Shell";

const Overview = lazy(() => import("../screens/overview/Overview"));
const Customers = lazy(() => import("../screens/customers/Customers"));
const OneCustomer = lazy(() => import("../screens/customer/OneCustomer"));
const Segments = lazy(() => import("../screens/segments/Segments"));
const SegmentEditor = lazy(() => import("../screens/segments/SegmentEditor"));
const Tags = lazy(() => import("../screens/Tags"));
const Jobs = lazy(() => import("../screens/Jobs"));
const Quarantine = lazy(() => import("../screens/Quarantine"));

export function Routing({ email, role }: { email: string; role: Role }) {
  return (
    <Shell email={email} role={role}>
      <Suspense fallback={<Waiting />}>
        <Routes>
          <Route path="/" element={<Overview />} />
          <Route path="/customers" element={<Customers />} />
          <Route path="/customers/:customerId" element={<OneCustomer />} />
          <Route path="/segments" element={<Segments />} />
          <Route path="/segments/:segmentId" element={<SegmentEditor />} />
          <Route path="/tags" element={<Tags />} />
          <Route path="/jobs" element={<Jobs />} />
          <Route path="/quarantine" element={<Quarantine />} />
          <Route path="*" element={<Empty title="There is no such page." />} />
        </Routes>
      </Suspense>
    </Shell>
  );
}
