import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import { refusalOf } from "../../api/calls";
import { ask, type Campaign, type Problem } from "../../api/campaigns";
import { now, useDeed } from "../../api/deeds";
import type { Warning } from "../../api/types";
import { useBackend } from "../../backend";
import { notifyError } from "../../ui/notify";
import { type Form, formOf, same, toSave } from "./form";

/** How long nobody types before a draft is saved, in milliseconds. */
const PAUSE = 700;

interface Base {
  form: Form;
  revision: number;
  /** Counts how often fields were filled with what somebody else saved. */
  version: number;
}

/** A campaign that is written: a draft saves itself; what is on its way is saved when somebody says so. */
export function useComposing(campaign: Campaign) {
  const backend = useBackend();
  const { campaignId } = campaign;
  const auto = campaign.state === "draft";
  const [base, setBase] = useState<Base>(() => ({ ...readOf(campaign), version: 0 }));
  const [form, setForm] = useState(base.form);
  const [told, setTold] = useState<{ problems: Problem[]; warnings: Warning[] } | null>(null);
  const failed = useRef<Form | null>(null);
  const save = useDeed({
    work: async (over: { form: Form; revision: number | null }) => {
      const { form, revision } = over;
      const data = { ...toSave(form), campaignId, revision };
      try {
        return { ...(await ask(backend, "save_campaign", data)), form };
      } catch (error) {
        failed.current = form; // not again before somebody changes something
        throw error;
      }
    },
    onSuccess: ({ campaign: { revision }, form, problems, warnings }) => {
      failed.current = null;
      setBase((now) => ({ ...now, form, revision }));
      setTold({ problems, warnings: warnings ?? [] });
    },
  });
  const dirty = !same(form, base.form);
  const conflict =
    (save.error && refusalOf(save.error).reason === "changed-meanwhile") ||
    (!save.isPending && campaign.revision > base.revision);
  const [rested] = useDebouncedValue(form, PAUSE);
  const due = auto && dirty && !conflict && !save.isPending && rested === form;
  // biome-ignore lint/correctness/useExhaustiveDependencies: when it is time, and no other time
  useEffect(() => {
    if (due && form.name.trim() && failed.current !== form) {
      save.run({ form, revision: base.revision });
    }
  }, [due, form]);
  const takeTheirs = () => {
    const theirs = readOf(campaign);
    save.reset();
    failed.current = null;
    setForm(theirs.form);
    setBase((now) => ({ ...theirs, version: now.version + 1 }));
    setTold(null);
  };
  // Where nothing was written here, there is nothing to ask.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each revision
  useEffect(() => {
    if (conflict && !dirty && campaign.revision > base.revision) takeTheirs();
  }, [conflict, dirty, campaign.revision]);
  useLeaving(auto && dirty && !conflict && form.name.trim() !== "", async () => {
    const revision = save.isPending ? null : base.revision;
    await ask(backend, "save_campaign", { ...toSave(form), campaignId, revision });
  });
  return {
    form,
    change: (part: Partial<Form>) => setForm((now) => ({ ...now, ...part })),
    dirty,
    conflict: Boolean(conflict) && dirty,
    saving: save.isPending,
    error: save.error && refusalOf(save.error),
    save: () => save.run({ form, revision: base.revision }),
    overwrite: () => save.run({ form, revision: campaign.revision }),
    takeTheirs,
    told,
    revision: base.revision,
    version: base.version,
  };
}

export type Composing = ReturnType<typeof useComposing>;

const readOf = (campaign: Campaign) => ({ form: formOf(campaign), revision: campaign.revision });

/** Keep what is not saved yet: it is saved when somebody goes to another screen, and asked about before the
 * window is closed. */
function useLeaving(unsaved: boolean, keep: () => Promise<unknown>) {
  const last = useRef({ unsaved, keep });
  last.current = { unsaved, keep };
  useEffect(() => {
    const stay = (event: BeforeUnloadEvent) => {
      if (last.current.unsaved) event.preventDefault();
    };
    window.addEventListener("beforeunload", stay);
    return () => {
      window.removeEventListener("beforeunload", stay);
      if (last.current.unsaved) now(() => last.current.keep()).catch(notifyError);
    };
  }, []);
}
