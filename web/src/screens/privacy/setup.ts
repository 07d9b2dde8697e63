import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/calls";
import { useBackend } from "../../backend";

/** The record of processing activities, as crm.toml and the product make it. */
export function useProcessingRecord() {
  const backend = useBackend();
  return useQuery({
    queryKey: ["get_processing_record"],
    queryFn: () => call(backend, "get_processing_record").then(({ record }) => record),
    retry: false,
  });
}

/** What of the installation says something about people's data. */
export function usePrivacyChecks() {
  const backend = useBackend();
  return useQuery({
    queryKey: ["get_setup"],
    queryFn: () => call(backend, "get_setup").then(({ checks }) => checks),
    select: (checks) => checks.filter(({ check }) => OF_PRIVACY.includes(check)),
    retry: false,
  });
}

const OF_PRIVACY = ["privacy", "staff", "sign-up", "unsubscribe", "bounces", "mail", "app-check"];
