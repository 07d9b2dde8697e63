import { Group, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { short } from "../format";
import { topOf } from "./scale";

export interface Bar {
  label: string;
  /** What stands below it, where that is shorter. */
  mark?: string;
  /** One for each series, drawn on top of each other; never negative. */
  values: number[];
  /** Where a click on it leads: the people behind it. */
  to?: string;
}

const COLOURS = ["var(--mantine-color-blue-7)", "var(--mantine-color-orange-6)"];

/** So many marks have room below bars; on a phone every second of them. */
const MARKS = 12;

/** Bars beside each other, one for each row, with what they are of. Who does not see them reads them as a list. */
export function Bars(props: {
  name: string;
  series: string[];
  bars: Bar[];
  says: (value: number) => string;
}) {
  const most = topOf(
    Math.max(0, ...props.bars.map((bar) => bar.values.reduce((sum, one) => sum + one, 0))),
  );
  // Where they do not all fit, the last ones are what most look for.
  const all = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each set of bars
  useEffect(() => {
    all.current?.scrollTo({ left: all.current.scrollWidth });
  }, [props.name, props.bars.length]);
  const every = Math.ceil(props.bars.length / MARKS);
  const said = (bar: Bar) =>
    `${bar.label}: ${bar.values.map((value, at) => `${props.series.length > 1 ? `${props.series[at]} ` : ""}${props.says(value)}`).join(", ")}`;
  return (
    <>
      <div className="bars" ref={all}>
        <div className="bars-scale" aria-hidden>
          <span>{short(most)}</span>
          <span>{short(most / 2)}</span>
          <span>0</span>
        </div>
        <ul className="bars-row" aria-label={props.name}>
          {props.bars.map((bar, place) => {
            const column = (
              <span className="bars-column" title={said(bar)} aria-hidden>
                {bar.values.map((value, at) => (
                  <span
                    key={props.series[at]}
                    style={{ height: `${(100 * value) / most}%`, background: COLOURS[at] }}
                  />
                ))}
              </span>
            );
            return (
              <li key={bar.label}>
                {bar.to ? (
                  <Link to={bar.to} aria-label={said(bar)}>
                    {column}
                  </Link>
                ) : (
                  <>
                    {column}
                    <span className="unseen">{said(bar)}</span>
                  </>
                )}
                <span
                  className={place % (2 * every) ? "bars-label bars-second" : "bars-label"}
                  aria-hidden
                >
                  {place % every ? "" : (bar.mark ?? bar.label)}
                </span>
              </li>
            );
          })}
        </ul>
      </div>
      {props.series.length > 1 && (
        <Group gap="md" justify="center" aria-hidden>
          {props.series.map((name, at) => (
            <Group key={name} gap={6} wrap="nowrap">
              <span className="bars-key" style={{ background: COLOURS[at] }} />
              <Text size="sm">{name}</Text>
            </Group>
          ))}
        </Group>
      )}
    </>
  );
}
