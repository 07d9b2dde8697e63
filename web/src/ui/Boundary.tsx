import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { t } from "../words";
import { EmptyNotice } from "./PageParts";

/** What is shown where a part of the page does not work: a file that a newer version of the console has
 * replaced meanwhile, or a defect. */
export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  render() {
    if (!this.state.broken) return this.props.children;
    return (
      <EmptyNotice title={t("shared.pageBroken")}>
        <Button variant="default" onClick={() => window.location.reload()}>
          {t("shared.loadAgain")}
        </Button>
      </EmptyNotice>
    );
  }
}
