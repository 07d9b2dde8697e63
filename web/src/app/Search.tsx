import { Loader, Modal, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { Link, useNavigate } from "react-router";
import { ErrorNotice } from "../ui/PageParts";
import { t } from "../words";
import { type Hit, isFirstSure, named, useFound } from "./finding";
import { settings, work } from "./places";

/** How long somebody pauses who has typed what they look for, in milliseconds. */
const PAUSE = 150;

interface Kind {
  name: string;
  hits: Hit[];
}

/** A search through everything: a word, and Enter leads to the first that is found. The focus stays in the
 * field, and arrow keys choose; so a screen reader is told which one is chosen. */
export default function Search(props: { admin: boolean; close: () => void }) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const [eager, setEager] = useState(false);
  const [settled] = useDebouncedValue(text.trim(), PAUSE);
  const found = useFound(settled);
  const go = useNavigate();
  const id = useId();
  const searching =
    settled !== text.trim() || Object.values(found).some((one) => one.isFetching && !one.data);
  const failed = Object.values(found).find((one) => one.error);
  const kinds = kindsOf(text.trim(), settled, found, props.admin);
  const hits = kinds.flatMap((kind) => kind.hits);
  const at = Math.min(chosen, hits.length - 1);
  const optionId = (place: number) => `${id}-${place}`;
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [id, at]);
  const leave = (hit: Hit | undefined) => {
    if (!hit) return;
    props.close();
    go(hit.to);
  };
  const { people, events, segments, campaigns } = found;
  const sure = settled === text.trim() && isFirstSure([people, events, segments, campaigns]);
  // Enter means the first of all that is found: it waits for what could still stand before it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when that is there
  useEffect(() => {
    if (eager && sure) leave(hits[0]);
  }, [eager, sure]);
  const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
  const pressed = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const move = moves[event.key];
    if (move && hits.length) {
      event.preventDefault();
      setChosen((at + move + hits.length) % hits.length);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      if (chosen > 0) leave(hits[at]);
      else setEager(true);
    }
  };
  let place = 0;
  return (
    <Modal opened onClose={props.close} title={t("shell.search")} size="lg" yOffset="8vh">
      <TextInput
        data-autofocus
        label={t("shell.whatToFind")}
        placeholder={t("shell.findHint")}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={searching && text.trim() && <Loader size="xs" aria-hidden />}
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={hits.length ? optionId(at) : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
          setEager(false);
        }}
        onKeyDown={pressed}
      />
      {failed?.error && <ErrorNotice error={failed.error} retry={failed.refetch} />}
      <Text role="status" size="sm" c="dimmed" mt="xs">
        {searching && text.trim() ? t("shell.searching") : t("shell.hits", { count: hits.length })}
      </Text>
      <div id={`${id}-list`} role="listbox" aria-label={t("shell.found")} className="hits">
        {kinds.map((kind) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options in a list of them
          <div key={kind.name} role="group" aria-label={kind.name}>
            <Text size="sm" fw={600} mt="sm" aria-hidden>
              {kind.name}
            </Text>
            {kind.hits.map((hit) => {
              const own = place++;
              return (
                <Link
                  key={hit.to}
                  id={optionId(own)}
                  to={hit.to}
                  role="option"
                  aria-selected={own === at}
                  tabIndex={-1}
                  className="hit"
                  onClick={props.close}
                >
                  {hit.label}
                  {hit.about && (
                    <Text size="sm" c="dimmed" component="span" ml="xs">
                      {hit.about}
                    </Text>
                  )}
                </Link>
              );
            })}
          </div>
        ))}
      </div>
    </Modal>
  );
}

/** What is found, by kinds; of a question that is older than what is written only the pages, which are known. */
function kindsOf(
  text: string,
  settled: string,
  found: ReturnType<typeof useFound>,
  admin: boolean,
): Kind[] {
  const places = named([...work(), ...settings(admin)], text, (one) => one.label);
  const pages = { name: t("shell.pages"), hits: places };
  if (settled !== text || [...text].length < 2) return places.length ? [pages] : [];
  const people = found.people.data ?? [];
  const all: Hit = {
    to: `/people?${new URLSearchParams({ q: text })}`,
    label: t("shell.allPeople", { text }),
  };
  return [
    { name: t("nav.people"), hits: people.length ? [...people, all] : [] },
    { name: t("nav.events"), hits: found.events.data ?? [] },
    { name: t("nav.segments"), hits: found.segments.data ?? [] },
    { name: t("nav.campaigns"), hits: found.campaigns.data ?? [] },
    pages,
  ].filter((kind) => kind.hits.length > 0);
}
