import { Notifications } from "@mantine/notifications";

/** Where notices are shown. */
export default function NoticeBoard() {
  return <Notifications position="bottom-right" />;
}
