/** A step of the demo that did not come out as it should; the message is for the user. */
export class Failed extends Error {}
