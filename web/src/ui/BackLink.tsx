import { Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import type { MouseEvent } from "react";
import { Link, useNavigate } from "react-router";
import { lastPlaceOf, placeNow } from "./trail";

/** The way back to a list, as it was left: with what was asked there, and where one was in it. */
export function BackLink(props: { path: string; search?: string; children: string }) {
  const go = useNavigate();
  const before = lastPlaceOf(props.path, placeNow());
  const back = (event: MouseEvent) => {
    if (!before || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(before.back);
  };
  return (
    <Button
      component={Link}
      to={before?.address ?? `${props.path}${props.search ?? ""}`}
      onClick={back}
      variant="default"
      size="compact-sm"
      mb="xs"
      leftSection={<IconArrowLeft size={14} aria-hidden />}
    >
      {props.children}
    </Button>
  );
}
