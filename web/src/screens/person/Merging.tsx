import { useState } from "react";
import { useSearchParams } from "react-router";
import { call } from "../../api/calls";
import { useDeed } from "../../api/deeds";
import { isDocumentId } from "../../api/ids";
import type { Customer } from "../../api/types";
import { useBackend } from "../../backend";
import { useMay } from "../../session";
import { notifyDone, notifyError } from "../../ui/notify";
import { t } from "../../words";
import { FindDuplicateDialog } from "./FindDuplicateDialog";
import { MergeDialog } from "./MergeDialog";

/** Merging the person of a page: looking for the other one, comparing, and undoing. Whom it is compared with is
 * in the address, so other pages lead here: `/people/<who stays>?merge=<who goes>`. */
export function useMerging(customer: Customer) {
  const backend = useBackend();
  const editor = useMay("editor");
  const [asked, ask] = useSearchParams();
  const [finding, setFinding] = useState(false);
  const undo = useDeed({
    work: (mergeId: string) => call(backend, "unmerge_customers", { mergeId }),
    onError: notifyError,
    onSuccess: () => notifyDone(t("person.merge.undone")),
  });
  const compare = (otherId: string | null) => {
    setFinding(false);
    ask(
      (before) => {
        const next = new URLSearchParams(before);
        otherId ? next.set("merge", otherId) : next.delete("merge");
        return next;
      },
      { replace: true },
    );
  };
  const wanted = asked.get("merge") ?? "";
  const possible = editor && isDocumentId(wanted) && wanted !== customer.customerId;
  return {
    otherId: possible ? wanted : null,
    finding,
    find: () => setFinding(true),
    leave: () => setFinding(false),
    compare,
    undo,
  };
}

/** The dialogs of a merge. */
export function Merging(props: { customer: Customer; merging: ReturnType<typeof useMerging> }) {
  const { customer, merging } = props;
  return (
    <>
      {merging.finding && (
        <FindDuplicateDialog
          but={customer.customerId}
          close={merging.leave}
          choose={merging.compare}
        />
      )}
      {merging.otherId && (
        <MergeDialog
          customer={customer}
          otherId={merging.otherId}
          close={() => merging.compare(null)}
          undo={(mergeId) => merging.undo.run(mergeId)}
        />
      )}
    </>
  );
}
