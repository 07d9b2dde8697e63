import { Button, Group, Text } from "@mantine/core";
import { IconArrowsJoin, IconMailOff, IconTag } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import type { Customer, SegmentNode } from "../api/types";
import { DownloadButton } from "../segments/DownloadButton";
import type { CountedReach } from "../segments/reach";
import { useMay } from "../session";
import { t } from "../words";
import { type Chosen, TagMany } from "./TagMany";
import { Unsubscribe } from "./Unsubscribe";

/** The line above a list: what an editor can do at once for those who are selected, or for all of a question. What
 * has begun stays there while other people are looked for. */
export function BulkBar(props: {
  shown: boolean;
  marked: Customer[];
  /** The question whose people are listed; null where they are no segment's. */
  segment: string | SegmentNode | null;
  count: number | undefined;
  /** Absent where the page has a download elsewhere. */
  counted: CountedReach | null | undefined;
  selectNone: () => void;
  /** What stands at its end. */
  children: ReactNode;
}) {
  const { shown, marked, segment, count = 0, counted } = props;
  const editor = useMay("editor");
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [leaving, setLeaving] = useState<Customer[] | null>(null);
  const [one, other] = marked;
  const actions = (
    <Group gap="xs" role="group" aria-label={t("people.actions")}>
      {marked.length > 0 && (
        <>
          <Text size="sm" fw={600} data-testid="selected">
            {t("people.selected", { count: marked.length })}
          </Text>
          <Button
            size="compact-sm"
            leftSection={<IconTag size={16} aria-hidden />}
            onClick={() => setChosen({ customers: marked })}
          >
            {t("people.tag")}
          </Button>
          {one && other && marked.length === 2 && (
            <Button
              size="compact-sm"
              variant="default"
              component={Link}
              to={`/people/${one.customerId}?merge=${other.customerId}`}
              leftSection={<IconArrowsJoin size={16} aria-hidden />}
            >
              {t("people.merge")}
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconMailOff size={16} aria-hidden />}
            onClick={() => setLeaving(marked)}
          >
            {t("people.unsubscribe")}
          </Button>
          <Button size="compact-sm" variant="default" onClick={props.selectNone}>
            {t("people.selectNone")}
          </Button>
        </>
      )}
      {!marked.length && segment !== null && count > 0 && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconTag size={16} aria-hidden />}
          onClick={() => setChosen({ segment, count })}
        >
          {t("people.tagAll", { count })}
        </Button>
      )}
      {segment !== null && counted !== undefined && (
        <DownloadButton segment={counted?.text ?? null} counted={counted ?? undefined} />
      )}
    </Group>
  );
  return (
    <>
      {shown && (
        <Group gap="xs" justify="space-between">
          {editor ? actions : <span />}
          <Group gap="xs">{props.children}</Group>
        </Group>
      )}
      <TagMany chosen={chosen} close={() => setChosen(null)} />
      <Unsubscribe people={leaving} close={() => setLeaving(null)} />
    </>
  );
}
