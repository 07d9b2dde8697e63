import { lazy, Suspense, useRef } from "react";
import type { ConfirmProps } from "./ConfirmDialog";

const ConfirmDialog = lazy(() => import("./ConfirmDialog"));

/** A dialog that does something or leaves it; Enter in a field does it. While it is done there is no leaving
 * it: nobody can take back what the server has been told. */
export function Confirm(props: ConfirmProps) {
  const wanted = useRef(false);
  if (props.opened ?? true) wanted.current = true;
  return wanted.current ? (
    <Suspense>
      <ConfirmDialog {...props} />
    </Suspense>
  ) : null;
}
