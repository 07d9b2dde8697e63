import { Center, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { BackendContext } from "../backend";
import { connect } from "../firebase";
import { RoleContext, SinceContext, useSignedIn } from "../session";
import { ErrorNotice } from "../ui/PageParts";
import { t } from "../words";
import { NoRole } from "./NoRole";
import { Routing } from "./Routing";
import { SignIn } from "./SignIn";

export function App() {
  const backend = useQuery({
    queryKey: ["backend"],
    queryFn: connect,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (backend.error) {
    return (
      <Center component="main" h="60vh" p="md">
        <ErrorNotice error={backend.error} retry={backend.refetch} />
      </Center>
    );
  }
  if (!backend.data) return <Loading />;
  return (
    <BackendContext value={backend.data}>
      <Gate />
    </BackendContext>
  );
}

function Gate() {
  const session = useSignedIn();
  if (session === undefined) return <Loading />;
  if (!session) return <SignIn />;
  if (!session.role) return <NoRole user={session.user} />;
  return (
    <RoleContext value={session.role}>
      <SinceContext value={session.since}>
        <Routing
          key={`${session.user.uid} ${session.role}`}
          email={session.user.email ?? ""}
          role={session.role}
        />
      </SinceContext>
    </RoleContext>
  );
}

function Loading() {
  return (
    <Center h="60vh">
      <Loader role="status" aria-label={t("shared.loading")} />
    </Center>
  );
}
