import {
  IconAlertTriangle,
  IconCalendarEvent,
  IconFilter,
  IconForms,
  IconHome,
  IconMail,
  IconProgress,
  IconReport,
  IconRoute,
  IconShieldLock,
  IconTags,
  IconUserShield,
  IconUsers,
} from "@tabler/icons-react";
import { t } from "../words";

/** A page that is always there, with its name in the reader's language. */
export interface Place {
  to: string;
  label: string;
  icon: typeof IconHome;
}

/** What staff work with every day. */
export const work = (): Place[] => [
  { to: "/", label: t("nav.home"), icon: IconHome },
  { to: "/people", label: t("nav.people"), icon: IconUsers },
  { to: "/events", label: t("nav.events"), icon: IconCalendarEvent },
  { to: "/segments", label: t("nav.segments"), icon: IconFilter },
  { to: "/campaigns", label: t("nav.campaigns"), icon: IconMail },
  { to: "/reports", label: t("nav.reports"), icon: IconReport },
];

/** What is set up and looked after now and then; what only admins may see is not offered to others. */
export const settings = (admin: boolean): Place[] => [
  { to: "/tags", label: t("nav.tags"), icon: IconTags },
  { to: "/rules", label: t("nav.rules"), icon: IconRoute },
  { to: "/forms", label: t("nav.forms"), icon: IconForms },
  { to: "/problems", label: t("nav.problems"), icon: IconAlertTriangle },
  { to: "/activity", label: t("nav.activity"), icon: IconProgress },
  ...(admin
    ? [
        { to: "/staff", label: t("nav.staff"), icon: IconUserShield },
        { to: "/privacy", label: t("nav.privacy"), icon: IconShieldLock },
      ]
    : []),
];

/** Whether an address is of a place: itself or below it. */
export const isAt = (pathname: string, to: string): boolean =>
  pathname === to || (to !== "/" && pathname.startsWith(`${to}/`));
