import { Badge, Button, Grid, Group, Stack, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, Navigate, useParams } from "react-router";
import { call } from "../../api/calls";
import { isDocumentId } from "../../api/ids";
import { useDocument } from "../../api/live";
import type { Customer, Likely } from "../../api/types";
import { useBackend } from "../../backend";
import { dateOf } from "../../format";
import { useMay } from "../../session";
import { BackLink } from "../../ui/BackLink";
import { nameOf } from "../../ui/CustomerCells";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { ConsentCard } from "./ConsentCard";
import { DuplicatesCard } from "./DuplicatesCard";
import { EraseDialog } from "./EraseDialog";
import { ExportButton } from "./ExportButton";
import { HistoryCard } from "./HistoryCard";
import { ProfileCard } from "./ProfileCard";
import { TagsCard } from "./TagsCard";

interface Found {
  customer: Customer;
  likelySame: Likely[];
}

/** The page of one customer, followed live. */
export default function Person() {
  const backend = useBackend();
  const { customerId = "" } = useParams();
  const possible = isDocumentId(customerId);
  const live = useDocument<Customer>(possible ? `customers/${customerId}` : null, "customerId");
  const version = live.data ? dateOf(live.data.updatedAt).getTime() : 0;
  const found = useQuery({
    queryKey: ["customer", customerId, version],
    queryFn: () => call<Found>(backend, "get_customer", { customerId }),
    enabled: live.data !== undefined,
    placeholderData: (before, query) => (query?.queryKey[1] === customerId ? before : undefined),
    retry: false,
  });
  const [erasing, setErasing] = useState<Customer | null>(null);
  const page = () => {
    if (!possible) return <Gone found={undefined} pending={false} />;
    if (live.error) return <ErrorNotice error={live.error} />;
    if (live.data === undefined) return <LoadingRows />;
    if (live.data === null) return <Gone found={found.data} pending={found.isFetching} />;
    const likely = found.data?.likelySame ?? [];
    return (
      <CustomerDetails customer={live.data} version={version} likely={likely} erase={setErasing} />
    );
  };
  return (
    <>
      {page()}
      {erasing && <EraseDialog customer={erasing} close={() => setErasing(null)} />}
    </>
  );
}

/** The page of a document that is not there: merged into another one, or gone for good. */
function Gone({ found, pending }: { found: Found | undefined; pending: boolean }) {
  if (pending) return <LoadingRows />;
  if (found) return <Navigate to={`/people/${found.customer.customerId}`} replace />;
  return (
    <>
      <PageHead title="Customer" />
      <EmptyNotice title="There is no such customer any more.">
        <Link to="/people">All customers</Link>
      </EmptyNotice>
    </>
  );
}

function CustomerDetails(props: {
  customer: Customer;
  version: number;
  likely: Likely[];
  erase: (customer: Customer) => void;
}) {
  const { customer, version } = props;
  const admin = useMay("admin");
  return (
    <>
      <BackLink path="/people">Customers</BackLink>
      <PageHead title={nameOf(customer)}>
        <Badge variant="default" tt="none">
          {customer.registered ? "Registered" : "Guest"}
        </Badge>
        {admin && <ExportButton customerId={customer.customerId} />}
        {admin && (
          <Button
            color="red"
            variant="outline"
            size="compact-md"
            leftSection={<IconTrash size={16} aria-hidden />}
            onClick={() => props.erase(customer)}
          >
            Erase…
          </Button>
        )}
      </PageHead>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack>
            <ProfileCard customer={customer} />
            <TagsCard customer={customer} />
            <ConsentCard customer={customer} version={version} />
            <DuplicatesCard customer={customer} likely={props.likely} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <HistoryCard customer={customer} version={version} />
        </Grid.Col>
      </Grid>
      <Group mt="lg">
        <Text size="sm" c="dimmed">
          Customer {customer.customerId}
        </Text>
      </Group>
    </>
  );
}
