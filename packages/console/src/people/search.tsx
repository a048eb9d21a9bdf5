import { SearchField } from "../parts/search-field.tsx";
import { peopleWords } from "../words/people.ts";

/** Characters that the API takes. */
const maxLength = 256;

/** Search by name, id or the reading of a name. */
export function PeopleSearch() {
  const { search, placeholder } = peopleWords.value;
  return <SearchField of="people" label={search} placeholder={placeholder} maxLength={maxLength} />;
}
