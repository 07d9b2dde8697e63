import { Button, Group, SegmentedControl, Table, Text, TextInput } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { saveFile } from "../../api/calls";
import { dayIn, month, shortDay, wholeDay, ZONE } from "../../format";
import { BYS, type By, isCalendarDay } from "../../ui/periods";
import { t } from "../../words";
import { type Asked, askedOf, inOrder } from "./asked";
import { type Cell, csvOf } from "./csv";

/** What the address of the page asks of a report over time, and how it is changed. */
export function useAsked(): { asked: Asked; set: (changes: Partial<Asked>) => void } {
  const [params, setParams] = useSearchParams();
  const asked = askedOf(params, dayIn(new Date(), ZONE));
  const set = (changes: Partial<Asked>) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changes)) next.set(name, value);
        return next;
      },
      { replace: true },
    );
  return { asked, set };
}

/** By which stretches, and from which day to which. */
export function PeriodForm({ asked, set }: ReturnType<typeof useAsked>) {
  return (
    <Group align="end">
      <SegmentedControl
        aria-label={t("reports.by.label")}
        data={BYS.map((value) => ({ value, label: t(`reports.by.${value}`) }))}
        value={asked.by}
        onChange={(by) => set({ by: by as By })}
      />
      <DayField label={t("reports.from")} value={asked.from} set={(from) => set({ from })} />
      <DayField
        label={t("reports.to")}
        value={asked.to}
        set={(to) => set({ to })}
        error={!inOrder(asked) && t("reports.wrongDays")}
      />
    </Group>
  );
}

/** A day; what is half typed asks for nothing. */
export function DayField(props: {
  label: string;
  value: string;
  set: (day: string) => void;
  error?: string | false;
}) {
  const [typed, setTyped] = useState(props.value);
  useEffect(() => setTyped(props.value), [props.value]);
  return (
    <TextInput
      type="date"
      label={props.label}
      value={typed}
      error={props.error}
      onChange={(event) => {
        const day = event.currentTarget.value;
        setTyped(day);
        if (isCalendarDay(day) && day >= "1900") props.set(day);
      }}
    />
  );
}

/** A stretch of time in words, and in few signs for below a bar. */
export const stretchName = (start: string, by: By): string => {
  if (by === "month") return month(start);
  return by === "week" ? t("reports.weekOf", { day: wholeDay(start) }) : wholeDay(start);
};
export const stretchMark = (start: string, by: By): string =>
  by === "month" ? month(start) : shortDay(start);

/** A button that saves what a table shows as a file. */
export function SaveTable(props: { name: string; rows: () => Cell[][] }) {
  const save = () => {
    // The first sign says that it is UTF-8: else Excel takes it for something else.
    const text = `\uFEFF${csvOf(props.rows())}`;
    saveFile(new Blob([text], { type: "text/csv;charset=utf-8" }), `${props.name}.csv`);
  };
  return (
    <Button
      variant="default"
      size="compact-sm"
      style={{ alignSelf: "flex-start" }}
      leftSection={<IconDownload size={14} aria-hidden />}
      onClick={save}
    >
      {t("reports.download")}
    </Button>
  );
}

export interface Line {
  key: string;
  name: ReactNode;
  cells: { key: string; shown: ReactNode; shade?: number }[];
}

/** A table of numbers: what a row is about, and its cells, all of which stand to the right. */
export function NumberTable(props: { name: string; head: ReactNode[]; lines: Line[] }) {
  const [first, ...others] = props.head;
  return (
    <Table.ScrollContainer
      className="scrolls"
      minWidth={320}
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
    >
      <Table verticalSpacing="xs" aria-label={props.name}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{first}</Table.Th>
            {others.map((one, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns have nothing else
              <Table.Th key={at} ta="right">
                {one}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.lines.map((line) => (
            <Table.Tr key={line.key}>
              {/* As wide as its longest word: beside numbers that do not break it would break within words. */}
              <Table.Th scope="row" fw={400} style={{ overflowWrap: "break-word" }}>
                {line.name}
              </Table.Th>
              {line.cells.map(({ key, shown, shade }) => (
                <Table.Td
                  key={key}
                  ta="right"
                  className="figures"
                  style={{
                    whiteSpace: "nowrap",
                    ...(shade && { background: `rgba(34, 139, 230, ${shade})` }),
                  }}
                >
                  {shown}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** What is worth knowing about a report. */
export function Hint({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}
