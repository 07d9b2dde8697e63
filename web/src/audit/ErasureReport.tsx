import { Stack, Text, Title } from "@mantine/core";
import type { ErasureReport as Told } from "crm-lite-client";
import { day, number } from "../format";
import { t, wordsFor } from "../words";

/** What an erasure removed, what it kept and why, and what is left to do by hand. */
export function ErasureReport({ erasureId, report }: { erasureId: string; report: Told }) {
  return (
    <Stack>
      {rowsOf(report).map(({ part, rows }) => (
        <section key={part}>
          <Title order={3} size="h5">
            {t(`person.erase.${part}`)}
          </Title>
          {rows.map(({ count, text }) => (
            <Text key={text} size="sm">
              {count !== null && `${number(count)} × `}
              {text}
            </Text>
          ))}
        </section>
      ))}
      <Text size="sm" c="dimmed">
        {t("person.erase.number", { erasureId })}
      </Text>
    </Stack>
  );
}

/** The rows of a report by its parts, in the reader's language where the page has words for them. */
function rowsOf({ removed, retained, open }: Told) {
  const kept = open.some(({ reason }) => reason === "kept-as-they-are") ? "-kept" : "";
  const parts = [
    {
      part: "removed" as const,
      rows: removed.map(({ what, text, count }) => ({
        count: count as number | null,
        text: wordsFor(`privacy.report.removed.${what}`) ?? text,
      })),
    },
    {
      part: "kept" as const,
      rows: retained.map(({ what, text, count, basis, until }) => {
        const key = what === "orders" ? `orders${kept}` : what;
        const said = wordsFor(`privacy.report.retained.${key}`) ?? text;
        // Why orders are kept is the host's own text, in crm.toml.
        const why = wordsFor(`privacy.report.basis.${what}`) ?? basis;
        const more = [why, until && t("person.erase.until", { day: day(until) })];
        const rest = more.filter(Boolean).join(", ");
        return { count: count as number | null, text: rest ? `${said} (${rest})` : said };
      }),
    },
    {
      part: "left" as const,
      rows: open.map(({ reason, text, count }) => ({
        count,
        text: wordsFor(`privacy.report.open.${reason}`) ?? text,
      })),
    },
  ];
  return parts.filter(({ rows }) => rows.length > 0);
}
