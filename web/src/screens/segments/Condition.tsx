import { Group, NativeSelect } from "@mantine/core";
import { kindOf, type Row, rowOf, rowWith } from "../../segments/builder";
import { freshOf } from "../../segments/fields";
import { choiceOf, chosenVerb, labelOf, verbs } from "../../segments/verbs";
import { t } from "../../words";
import { FieldValue } from "./FieldValue";
import { Remove } from "./Remove";
import { type Known, Value } from "./Values";

/** One condition of the builder, which reads like a sentence: attended the ball. */
export function Condition(props: {
  row: Row;
  known: Known;
  change: (row: Row) => void;
  remove: () => void;
}) {
  const { row, known, change } = props;
  const kind = kindOf(row.leaf);
  const choose = (choice: string) => {
    const { kind, not, field } = chosenVerb(choice);
    const own = known.fields.find((one) => one.name === field);
    if (own) change({ ...rowOf(freshOf(own)), key: row.key });
    else change(rowWith(row, kind, not));
  };
  const choices = verbs(known.fields);
  const chosen = choiceOf(row);
  // A field that is not declared any more still stands in what was saved.
  if (!choices.some(({ items }) => items.some((one) => one.value === chosen))) {
    choices.push({ group: "…", items: [{ value: chosen, label: labelOf(row, known.fields) }] });
  }
  return (
    <Group
      gap="xs"
      align="start"
      wrap="nowrap"
      justify="space-between"
      role="group"
      aria-label={labelOf(row, known.fields)}
    >
      <Group gap="xs" flex={1} miw={0}>
        <NativeSelect
          maw="100%"
          aria-label={t("segments.condition")}
          value={chosen}
          data={choices}
          onChange={(event) => choose(event.currentTarget.value)}
        />
        {kind === "field" ? (
          <FieldValue row={row} fields={known.fields} change={change} />
        ) : (
          <Value
            kind={kind}
            value={row.leaf[kind]}
            set={(value) => change({ ...row, leaf: { [kind]: value } })}
            known={known}
          />
        )}
      </Group>
      <Remove label={t("segments.removeCondition")} remove={props.remove} />
    </Group>
  );
}
