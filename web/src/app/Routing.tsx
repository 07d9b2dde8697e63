import { lazy, Suspense } from "react";
import { Link, Route, Routes, useLocation } from "react-router";
import type { Role } from "../api/types";
import { Boundary } from "../ui/Boundary";
import { EmptyNotice, LoadingRows, PageHead } from "../ui/PageParts";
import { Shell } from "./Shell";

// Each screen is a file of its own, fetched when somebody goes there.
const Activity = lazy(() => import("../screens/activity/Activity"));
const CampaignList = lazy(() => import("../screens/campaigns/CampaignList"));
const CampaignPage = lazy(() => import("../screens/campaigns/CampaignPage"));
const EventList = lazy(() => import("../screens/events/EventList"));
const EventPage = lazy(() => import("../screens/events/EventPage"));
const Forms = lazy(() => import("../screens/forms/Forms"));
const Home = lazy(() => import("../screens/home/Home"));
const People = lazy(() => import("../screens/people/People"));
const Person = lazy(() => import("../screens/person/Person"));
const Privacy = lazy(() => import("../screens/privacy/Privacy"));
const Problems = lazy(() => import("../screens/problems/Problems"));
const Reports = lazy(() => import("../screens/reports/Reports"));
const Rules = lazy(() => import("../screens/rules/Rules"));
const SegmentEditor = lazy(() => import("../screens/segments/SegmentEditor"));
const SegmentList = lazy(() => import("../screens/segments/SegmentList"));
const Staff = lazy(() => import("../screens/staff/Staff"));
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
            <Route path="/" element={<Home />} />
            <Route path="/people" element={<People />} />
            <Route path="/people/:customerId" element={<Person />} />
            <Route path="/events" element={<EventList />} />
            <Route path="/events/event" element={<EventPage />} />
            <Route path="/segments" element={<SegmentList />} />
            <Route path="/segments/:segmentId" element={<SegmentEditor />} />
            <Route path="/campaigns" element={<CampaignList />} />
            <Route path="/campaigns/:campaignId" element={<CampaignPage />} />
            <Route path="/reports" element={<Reports />} />
            <Route path="/tags" element={<Tags />} />
            <Route path="/rules" element={<Rules />} />
            <Route path="/forms" element={<Forms />} />
            <Route path="/problems" element={<Problems />} />
            <Route path="/activity" element={<Activity />} />
            <Route path="/staff" element={<Staff />} />
            <Route path="/privacy" element={<Privacy />} />
            <Route path="*" element={<NotFound />} />
          </Routes>
        </Suspense>
      </Boundary>
    </Shell>
  );
}
