import { Grid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, Navigate, useParams } from "react-router";
import { call } from "../../api/calls";
import { isDocumentId } from "../../api/ids";
import { useDocument } from "../../api/live";
import { type FoundCustomer, useRows } from "../../api/person";
import type { Customer } from "../../api/types";
import { useBackend } from "../../backend";
import { dateOf } from "../../format";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { ContactCard } from "./ContactCard";
import { EraseDialog } from "./EraseDialog";
import { ExportDialog } from "./ExportDialog";
import { FieldsCard } from "./FieldsCard";
import { Figures } from "./Figures";
import { Header } from "./Header";
import { Merging, useMerging } from "./Merging";
import { NotesCard } from "./NotesCard";
import { PersonTabs } from "./PersonTabs";
import { customerSince } from "./since";
import { TagsCard } from "./TagsCard";

/** The page of one person, followed live. */
export default function Person() {
  const backend = useBackend();
  const { customerId = "" } = useParams();
  const possible = isDocumentId(customerId);
  const live = useDocument<Customer>(possible ? `customers/${customerId}` : null, "customerId");
  const version = live.data ? dateOf(live.data.updatedAt).getTime() : 0;
  const found = useQuery({
    queryKey: ["customer", customerId, version],
    queryFn: () => call(backend, "get_customer", { customerId }),
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
    return <Details customer={live.data} version={version} found={found.data} erase={setErasing} />;
  };
  return (
    <>
      {page()}
      {erasing && <EraseDialog customer={erasing} close={() => setErasing(null)} />}
    </>
  );
}

/** The page of a document that is not there: merged into another one, or gone for good. */
function Gone({ found, pending }: { found: FoundCustomer | undefined; pending: boolean }) {
  if (pending) return <LoadingRows />;
  if (found) return <Navigate to={`/people/${found.customer.customerId}`} replace />;
  return (
    <>
      <PageHead title={t("person.title")} />
      <EmptyNotice title={t("person.gone")}>
        <Link to="/people">{t("person.everybody")}</Link>
      </EmptyNotice>
    </>
  );
}

function Details(props: {
  customer: Customer;
  version: number;
  found: FoundCustomer | undefined;
  erase: (customer: Customer) => void;
}) {
  const { customer, version } = props;
  const [exporting, setExporting] = useState(false);
  const merging = useMerging(customer);
  const orders = useRows("list_orders", customer.customerId, version);
  const since = customerSince(customer, orders.more ? [] : (orders.rows ?? []));
  return (
    <>
      <Header
        customer={customer}
        since={since}
        merge={merging.find}
        download={() => setExporting(true)}
        erase={() => props.erase(customer)}
      />
      <Figures customer={customer} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 4 }} className="not-printed">
          <Stack>
            <ContactCard customer={customer} />
            <TagsCard customer={customer} />
            <NotesCard customer={customer} version={version} />
            <FieldsCard customer={customer} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 8 }}>
          <PersonTabs
            customer={customer}
            version={version}
            orders={orders}
            likely={props.found?.likelySame}
            merging={merging}
          />
        </Grid.Col>
      </Grid>
      <Text size="sm" c="dimmed" mt="lg">
        {t("person.number", { customerId: customer.customerId })}
      </Text>
      <Merging merging={merging} customer={customer} />
      {exporting && <ExportDialog customer={customer} close={() => setExporting(false)} />}
    </>
  );
}
