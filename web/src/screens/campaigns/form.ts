import type { Campaign, CampaignBody } from "../../api/campaigns";
import type { SegmentNode } from "../../api/types";

/** What staff write of a campaign, as it stands in the fields. */
export interface Form {
  name: string;
  subject: string;
  preview: string;
  from: string;
  replyTo: string;
  body: CampaignBody;
  /** As text once somebody has written one. */
  segment: SegmentNode | string;
}

export const formOf = (campaign: Campaign): Form => ({
  name: campaign.name,
  subject: campaign.subject,
  preview: campaign.preview,
  from: campaign.from,
  replyTo: campaign.replyTo ?? "",
  body: { format: campaign.body.format, source: campaign.body.source },
  segment: campaign.segment,
});

/** What `save_campaign` takes. */
export const toSave = (form: Form) => ({
  name: form.name.trim(),
  subject: form.subject,
  preview: form.preview.trim() || null,
  body: form.body,
  segment: typeof form.segment === "string" ? form.segment.trim() || "everyone" : form.segment,
  from: form.from.trim() || null,
  replyTo: form.replyTo.trim() || null,
});

/** Whether two forms would be saved as the same campaign. */
export const same = (one: Form, two: Form): boolean =>
  JSON.stringify(toSave(one)) === JSON.stringify(toSave(two));

/** The saved segment that is all that a campaign asks for; null where it asks otherwise. */
export function savedSegmentOf(segment: SegmentNode | string): string | null {
  if (typeof segment === "string") return null;
  const { segment: id, ...more } = segment;
  return typeof id === "string" && !Object.keys(more).length ? id : null;
}
