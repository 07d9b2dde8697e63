import { Center, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { BackendContext } from "../backend";
import { connect } from "../firebase";
import { RoleContext, SinceContext, useSignedIn } from "../session";
import { ErrorNotice } from "../ui/PageParts";
import { t } from "../words";
import { NoRole } from "./NoRole";
import { SignIn } from "./SignIn";

// All that is behind the sign-in: fetched while it is found out who that is.
const pages = () => import("./Routing");
const Routing = lazy(pages);

export function App() {
  const backend = useQuery({
    queryKey: ["backend"],
    queryFn: connect,
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(() => {
    pages()
      .then((module) => module.preload(window.location.pathname))
      .catch(() => {}); // said where it is shown
  }, []);
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
        <Suspense fallback={<Loading />}>
          <Routing
            key={`${session.user.uid} ${session.role}`}
            email={session.user.email ?? ""}
            role={session.role}
          />
        </Suspense>
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
