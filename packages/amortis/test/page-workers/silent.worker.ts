/** A worker that does not say that it simulates. */
export const silent = true;
