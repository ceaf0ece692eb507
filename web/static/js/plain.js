// A page without content of its own: only its head is updated.

import { follow } from "./feed.js";

follow(() => ["/api/v1/status"], () => {});
