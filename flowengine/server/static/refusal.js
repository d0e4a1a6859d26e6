// src/model/refusal.ts
/** Why something could not be done, as the engine or the browser says it. */
function sentence(error) {
	return error instanceof Error ? error.message : String(error);
}
export { sentence as t };
