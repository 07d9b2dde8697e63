import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./main.css";
import { createTheme, localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Refused } from "./api/calls";
import { App } from "./app/App";
import { IS_SET_UP } from "./setup";
import { Boundary } from "./ui/Boundary";
import { EmptyNotice } from "./ui/PageParts";
import { loadWords, t } from "./words";

/** How Mantine looks here. Its parts are told by their names, so that they come with who uses them. */
const theme = () =>
  createTheme({
    primaryColor: "blue",
    primaryShade: 8,
    autoContrast: true,
    defaultRadius: "md",
    fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
    cursorType: "pointer",
    respectReducedMotion: true,
    components: {
      // Mantine writes on tinted surfaces in their own colour, with too little contrast.
      Alert: {
        styles: {
          label: { color: "var(--mantine-color-text)" },
          message: { color: "var(--mantine-color-text)" },
        },
      },
      // The first item has the focus at once: an element that only takes it is no item of a menu.
      Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
      Modal: { defaultProps: { closeButtonProps: { "aria-label": t("shared.close") } } },
      Notification: {
        defaultProps: { closeButtonProps: { "aria-label": t("shared.dismiss") } },
        styles: { description: { color: "var(--mantine-color-text)" } },
      },
    },
  });

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) =>
        failures < 2 && error instanceof Refused && error.code === "functions/unavailable",
    },
  },
});

/** Chosen for the console, and not for whatever else of Mantine's is below the same host. */
const colours = localStorageColorSchemeManager({ key: "crm-colours" });

const root = document.getElementById("root");
if (!root) throw new Error("The page has no root.");
await loadWords();
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme()} colorSchemeManager={colours} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <Boundary>
          {IS_SET_UP ? (
            <App />
          ) : (
            <EmptyNotice title={t("shared.notSetUp")}>{t("shared.setUpBy")}</EmptyNotice>
          )}
        </Boundary>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
