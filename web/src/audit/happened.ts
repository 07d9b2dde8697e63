import type { AuditEntry } from "../api/types";
import { t, wordsFor } from "../words";
import { tagsInWords } from "./tags";
import type { useWho } from "./who";

/** What the names in entries stand for. */
export interface Known {
  labels: Map<string, string>;
  who: ReturnType<typeof useWho>;
}

/** Who did it. What people can do about themselves they mostly did, where it was no staff. */
export function whoDid({ actor, action }: AuditEntry, { who }: Known): string {
  if (action === "customer.claim" || action === "erasure.request") {
    return t("activity.trail.themselves");
  }
  const own = action === "customer.erase" || action.startsWith("customer.export");
  return who(actor, own ? t("activity.trail.perhapsThemselves") : undefined);
}

/** What an entry says was done, in words. */
export function doneInWords({ action, facts }: AuditEntry): string {
  const name = action.replace(".", "-");
  const fresh = facts.new === true ? wordsFor(`activity.did.${name}-new`) : null;
  return fresh ?? wordsFor(`activity.did.${name}`) ?? action;
}

/** What else it says of what was done. */
export function detailsInWords({ action, facts }: AuditEntry, known: Known): string | null {
  switch (action) {
    case "customer.tag":
      return tagsInWords(facts, known.labels);
    case "customer.fields":
      return String(facts.fields ?? "").replaceAll(" ", ", ");
    case "customer.erase":
      return facts.forced ? t("activity.trail.forced") : null;
    case "customer.export":
      return facts.own ? t("activity.trail.ownExport") : null;
    case "erasure.request":
      return wordsFor(`privacy.stopped.${facts.stoppedBy}`);
    case "consent.grant":
    case "consent.withdraw":
      return wordsFor(`person.consent.source.${facts.source}`);
    case "staff.grant":
    case "staff.revoke":
    case "staff.restore":
      return t("activity.trail.role", {
        who: known.who(String(facts.account)),
        before: roleInWords(facts.before),
        role: roleInWords(facts.role),
      });
    case "contacts.import":
      return t("activity.trail.granted", { count: Number(facts.granted ?? 0) });
    case "campaign.resend":
    case "campaign.close":
      return t("shared.people", { count: Number(facts.people ?? 0) });
    default:
      return null;
  }
}

const roleInWords = (role: unknown): string =>
  wordsFor(`staff.role.${role}`) ?? t("staff.role.none");

/** The page of what was changed, where it is no person. */
export function pageOf({ facts }: AuditEntry): { to: string; name: string } | null {
  if (facts.campaign) {
    return { to: `/campaigns/${facts.campaign}`, name: t("activity.trail.toCampaign") };
  }
  if (facts.segment) {
    return { to: `/segments/${facts.segment}`, name: t("activity.trail.toSegment") };
  }
  if (facts.rule) return { to: "/rules", name: t("nav.rules") };
  if (facts.imported) return { to: "/forms", name: t("nav.forms") };
  return null;
}
