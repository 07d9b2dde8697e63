import { type ComponentType, lazy, Suspense } from "react";
import { BrowserRouter, Link, Navigate, Route, Routes, useLocation } from "react-router";
import type { Role } from "../api/types";
import { SETTINGS } from "../setup";
import { Boundary } from "../ui/Boundary";
import { EmptyNotice, LoadingRows, PageHead } from "../ui/PageParts";
import { loadMoreWords, t } from "../words";
import { movedTo } from "./moved";
import { Notices } from "./Notices";
import { Shell } from "./Shell";

/** A screen: a file of its own, fetched when somebody goes there, with the words that the first one has not. */
const screen = (load: () => Promise<{ default: ComponentType }>) =>
  lazy(async () => {
    const [module] = await Promise.all([load(), loadMoreWords()]);
    return module;
  });

const Activity = screen(() => import("../screens/activity/Activity"));
const CampaignList = screen(() => import("../screens/campaigns/CampaignList"));
const CampaignPage = screen(() => import("../screens/campaigns/CampaignPage"));
const EventList = screen(() => import("../screens/events/EventList"));
const EventPage = screen(() => import("../screens/events/EventPage"));
const Forms = screen(() => import("../screens/forms/Forms"));
const home = () => import("../screens/home/Home");
const Home = lazy(home);
const People = screen(() => import("../screens/people/People"));
const Person = screen(() => import("../screens/person/Person"));
const Privacy = screen(() => import("../screens/privacy/Privacy"));
const Problems = screen(() => import("../screens/problems/Problems"));
const Reports = screen(() => import("../screens/reports/Reports"));
const RulePage = screen(() => import("../screens/rules/RulePage"));
const Rules = screen(() => import("../screens/rules/Rules"));
const SegmentEditor = screen(() => import("../screens/segments/SegmentEditor"));
const SegmentList = screen(() => import("../screens/segments/SegmentList"));
const Staff = screen(() => import("../screens/staff/Staff"));
const Tags = screen(() => import("../screens/tags/Tags"));

/** Fetch the first screen while it is found out who is there, where that is the one most begin at. */
export const preload = (pathname: string) =>
  `${pathname}/`.replace("//", "/") === SETTINGS.place ? home() : undefined;

/** For an address that is none: where it was moved to, or that there is no such page. */
function Elsewhere() {
  const { pathname, search } = useLocation();
  const moved = movedTo(pathname);
  if (moved) return <Navigate to={moved + search} replace />;
  return (
    <>
      <PageHead title={t("shell.notFound")} />
      <EmptyNotice title={t("shell.noSuchPage")}>
        <Link to="/">{t("shell.toHome")}</Link>
      </EmptyNotice>
    </>
  );
}

/** Everything that is shown to who is signed in and has a role. */
export default function Routing(props: { email: string; role: Role }) {
  return (
    <BrowserRouter basename={SETTINGS.place.slice(0, -1) || "/"}>
      <Notices />
      <Pages {...props} />
    </BrowserRouter>
  );
}

function Pages({ email, role }: { email: string; role: Role }) {
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
            <Route path="/rules/:ruleId" element={<RulePage />} />
            <Route path="/forms" element={<Forms />} />
            <Route path="/problems" element={<Problems />} />
            <Route path="/activity" element={<Activity />} />
            <Route path="/staff" element={<Staff />} />
            <Route path="/privacy" element={<Privacy />} />
            <Route path="*" element={<Elsewhere />} />
          </Routes>
        </Suspense>
      </Boundary>
    </Shell>
  );
}
