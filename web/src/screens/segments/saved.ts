import { collection, orderBy, query } from "firebase/firestore";
import { useRows } from "../../api/live";
import type { Segment } from "../../api/types";
import { useBackend } from "../../backend";

/** The saved segments by name, followed live. */
export function useSegments() {
  const { firestore } = useBackend();
  return useRows<Segment>(
    () => query(collection(firestore, "crmSegments"), orderBy("nameKey")),
    "crmSegments",
    "segmentId",
  );
}
