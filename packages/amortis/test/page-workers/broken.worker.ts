/** A worker that fails while it is loaded. */
throw new Error("broken from the start");
