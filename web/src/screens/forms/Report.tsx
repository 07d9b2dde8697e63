import { List, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import type { ImportReport } from "../../api/imports";
import { number } from "../../format";
import { t, wordsFor } from "../../words";

/** What came of an import, or would: every row once. */
export function Report({ report, would }: { report: ImportReport; would?: boolean }) {
  const kept = Object.entries(report.keptOut).sort(([, one], [, two]) => two - one);
  const figures: [string, number][] = [
    [t("forms.report.rows"), report.rows],
    [t(would ? "forms.report.wouldAdd" : "forms.report.added"), report.added],
    [t(would ? "forms.report.wouldChange" : "forms.report.changed"), report.changed],
    [t("forms.report.unchanged"), report.unchanged],
    [t("forms.report.duplicates"), report.duplicates],
    [t("forms.report.errors"), report.errorCount],
  ];
  return (
    <Stack gap="sm" data-testid="report">
      <SimpleGrid cols={{ base: 2, xs: 3, md: 6 }} component="dl" m={0}>
        {figures.map(([name, value]) => (
          <div key={name}>
            <Text component="dt" size="sm">
              {name}
            </Text>
            <Text component="dd" m={0} fw={600} className="figures">
              {number(value)}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      {kept.length > 0 && (
        <div>
          <Text size="sm" fw={600}>
            {t("forms.report.keptOut")}
          </Text>
          <List size="sm" aria-label={t("forms.report.keptOut")}>
            {kept.map(([reason, count]) => (
              <List.Item key={reason}>
                {number(count)} {wordsFor(`forms.keptOut.${reason}`) ?? reason}
              </List.Item>
            ))}
          </List>
        </div>
      )}
      {report.errors.length > 0 && <Errors report={report} />}
    </Stack>
  );
}

function Errors({ report: { errors, errorCount } }: { report: ImportReport }) {
  return (
    <>
      <Table.ScrollContainer
        minWidth={260}
        mah={400}
        scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      >
        <Table verticalSpacing="xs" aria-label={t("forms.report.errors")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("forms.report.row")}</Table.Th>
              <Table.Th>{t("forms.report.column")}</Table.Th>
              <Table.Th>{t("forms.report.why")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {errors.map((one) => (
              <Table.Tr key={one.row}>
                <Table.Td className="figures">{number(one.row)}</Table.Td>
                <Table.Td>{one.column ? columnSaid(one.column) : "–"}</Table.Td>
                <Table.Td>{wordsFor(`forms.rows.${one.reason}`) ?? one.reason}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {errorCount > errors.length && (
        <Text size="sm">{t("forms.report.more", { count: errorCount - errors.length })}</Text>
      )}
    </>
  );
}

const columnSaid = (column: string) => wordsFor(`forms.means.${column}`) ?? column;
