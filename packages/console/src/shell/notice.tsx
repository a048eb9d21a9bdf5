import { notice } from "../state/notice.ts";

/** One sentence at the foot of the page, for a while. */
export function Notice() {
  return (
    <div class="notice-place" role="status">
      {notice.value === null ? null : (
        <p class="notice">
          <bdi>{notice.value}</bdi>
        </p>
      )}
    </div>
  );
}
