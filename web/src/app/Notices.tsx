import { useNotifications } from "@mantine/notifications";
import { lazy, Suspense, useRef } from "react";

const NoticeBoard = lazy(() => import("./NoticeBoard"));

/** What was done and what did not work, in the corner: fetched when there is something to say. */
export function Notices() {
  const { notifications } = useNotifications();
  const wanted = useRef(false);
  if (notifications.length > 0) wanted.current = true;
  return wanted.current ? (
    <Suspense>
      <NoticeBoard />
    </Suspense>
  ) : null;
}
