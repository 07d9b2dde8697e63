import { useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { isDocumentId } from "../../api/ids";
import { useDocument } from "../../api/live";
import type { Segment } from "../../api/types";
import { begun } from "../../segments/editing";
import { EmptyNotice, ErrorNotice, LoadingRows, PageHead } from "../../ui/PageParts";
import { t } from "../../words";
import { Editor } from "./Editor";

const NEW = "new";

/** A saved segment, or a new one that begins with what the address of the page asks. */
export default function SegmentEditor() {
  const { segmentId = NEW } = useParams();
  const [params] = useSearchParams();
  const [loaded, setLoaded] = useState(0);
  const saved = useDocument<Segment>(
    segmentId !== NEW && isDocumentId(segmentId) ? `crmSegments/${segmentId}` : null,
    "segmentId",
  );
  if (segmentId === NEW) {
    const text = params.get("segment");
    const start = text ? begun(text, null) : begun("everyone", {});
    return <Editor key={`${NEW} ${text}`} saved={null} start={start} reload={() => {}} />;
  }
  if (!isDocumentId(segmentId)) return <Gone />;
  if (saved.error) return <ErrorNotice error={saved.error} />;
  if (saved.data === undefined) return <LoadingRows />;
  if (saved.data === null) return <Gone />;
  return (
    <Editor
      key={`${segmentId} ${loaded}`}
      saved={saved.data}
      start={begun(saved.data.text, saved.data.segment)}
      reload={() => setLoaded(loaded + 1)}
    />
  );
}

function Gone() {
  return (
    <>
      <PageHead title={t("segments.segment")} />
      <EmptyNotice title={t("segments.missing")}>
        <Link to="/segments">{t("segments.allSegments")}</Link>
      </EmptyNotice>
    </>
  );
}
