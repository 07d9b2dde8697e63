import { expect, test } from "vitest";
import { countIn, countQuery } from "./counts";

test("a count says which documents, and what must hold of them", () => {
  const aggregations = [{ alias: "n", count: {} }];
  expect(countQuery({ from: "crmQuarantine" })).toEqual({
    structuredAggregationQuery: {
      structuredQuery: { from: [{ collectionId: "crmQuarantine" }] },
      aggregations,
    },
  });
  const where = [["state", "==", "failed"]] as [string, "==", string][];
  const field = { fieldPath: "state" };
  const filters = [{ fieldFilter: { field, op: "EQUAL", value: { stringValue: "failed" } } }];
  expect(countQuery({ from: "crmJobs", where })).toEqual({
    structuredAggregationQuery: {
      structuredQuery: {
        from: [{ collectionId: "crmJobs" }],
        where: { compositeFilter: { op: "AND", filters } },
      },
      aggregations,
    },
  });
});

test.each([
  [[{ result: { aggregateFields: { n: { integerValue: "7" } } }, readTime: "…" }], 7],
  [[{ result: { aggregateFields: { n: { integerValue: "0" } } } }], 0],
  [[{ readTime: "…" }], null],
  [[], null],
  [{ error: {} }, null],
  [null, null],
])("the number in an answer: %j", (answer, count) => {
  expect(countIn(answer)).toBe(count);
});
