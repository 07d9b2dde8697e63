import { Anchor } from "@mantine/core";
import { useOrderUrl } from "../../api/person";

/** The number of an order; a link to it on the host's pages where crm.toml says where they are. */
export function OrderNumber({ orderId, children }: { orderId: string; children?: string }) {
  const url = useOrderUrl()(orderId);
  const text = children ?? orderId;
  if (!url) return <span style={{ overflowWrap: "anywhere" }}>{text}</span>;
  return (
    <Anchor href={url} target="_blank" rel="noreferrer" className="link" inherit>
      {text}
    </Anchor>
  );
}
