import { Alert, Button, FileInput, Group, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { number } from "../../format";
import { t } from "../../words";
import { isFilled, type Table, tableOf } from "./csv";
import { bytesOf, decoded, type Encoding, MOST_BYTES } from "./decoding";

/** A list that was chosen and can be read. */
export interface List {
  /** Which one it is: each that is chosen is begun anew. */
  number: number;
  name: string | null;
  table: Table;
  encoding: Encoding | null;
}

let chosen = 0;

/** A list, or why it is none. What is wrong is said here, before anything is sent. */
function read(text: string, name: string | null, encoding: Encoding | null): List | string {
  const table = tableOf(text);
  if ("refused" in table) {
    if (table.refused === "csv-invalid") {
      return t("forms.refused.csv-invalid", { row: number(table.row) });
    }
    return t(`forms.refused.${table.refused}`);
  }
  chosen += 1;
  return { number: chosen, name, table, encoding };
}

async function readFile(file: File): Promise<List | string> {
  const found = decoded(new Uint8Array(await file.arrayBuffer()));
  if ("refused" in found) return t(`forms.unreadable.${found.refused}`);
  return read(found.text, file.name, found.encoding);
}

/** A list out of a file, or pasted. */
export function ListInput(props: { list: List | null; chosen: (list: List | null) => void }) {
  const { list } = props;
  const [pasted, setPasted] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const take = (found: List | string) => {
    setWrong(typeof found === "string" ? found : null);
    props.chosen(typeof found === "string" ? null : found);
  };
  const choose = async (next: File | null) => {
    setFile(next);
    if (!next) take("");
    else take(await readFile(next).catch(() => t("forms.unreadable.gone")));
  };
  const paste = () => {
    setFile(null);
    take(bytesOf(pasted) > MOST_BYTES ? t("forms.unreadable.too-large") : read(pasted, null, null));
  };
  return (
    <Stack gap="sm">
      <FileInput
        label={t("forms.import.file")}
        description={t("forms.import.fileHint")}
        placeholder={t("forms.import.choose")}
        accept=".csv,.txt,.tsv,.xls,.xlsx,text/csv,text/plain"
        maw={520}
        clearable
        clearButtonProps={{ "aria-label": t("forms.import.clear") }}
        value={file}
        onChange={choose}
      />
      <Textarea
        label={t("forms.import.paste")}
        description={t("forms.import.pasteHint")}
        autosize
        minRows={3}
        maxRows={8}
        spellCheck={false}
        value={pasted}
        onChange={(event) => setPasted(event.currentTarget.value)}
      />
      <Group>
        <Button variant="default" disabled={!pasted.trim()} onClick={paste}>
          {t("forms.import.take")}
        </Button>
      </Group>
      {wrong && (
        <Alert color="red" role="alert">
          {wrong}
        </Alert>
      )}
      {list && <Read list={list} />}
    </Stack>
  );
}

/** How a list was read, where somebody might want to know. */
function Read({ list }: { list: List }) {
  const { table, encoding } = list;
  const rows = table.rows.filter(isFilled).length;
  const apart = { ",": "comma", ";": "semicolon", "\t": "tab" } as const;
  return (
    <Stack gap={4} role="status">
      <Text>
        {list.name ? `${list.name}: ` : ""}
        {t("forms.import.read", { count: rows })} {t(`forms.apart.${apart[table.delimiter]}`)}
      </Text>
      {encoding && encoding !== "utf-8" && <Text size="sm">{t(`forms.encoding.${encoding}`)}</Text>}
    </Stack>
  );
}
