// src/model/json.ts
function isObject(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
/** What stands at a path; `undefined` if nothing does. */
function valueAt(value, path) {
	let found = value;
	for (const key of path) if (Array.isArray(found)) found = typeof key === "number" ? found[key] : void 0;
	else if (isObject(found)) found = Object.hasOwn(found, key) ? found[String(key)] : void 0;
	else return;
	return found;
}
/** A copy in which a path has another value, or none for `undefined`; what is not on the path is shared. */
function withValue(value, path, wanted) {
	const [key, ...rest] = path;
	if (key === void 0) return wanted ?? null;
	const removes = rest.length === 0 && wanted === void 0;
	if (typeof key === "number") {
		const list = Array.isArray(value) ? [...value] : [];
		if (removes) list.splice(key, 1);
		else list[key] = rest.length === 0 ? wanted ?? null : withValue(list[key], rest, wanted);
		return list;
	}
	const object = isObject(value) ? { ...value } : {};
	if (removes) delete object[key];
	else object[key] = rest.length === 0 ? wanted ?? null : withValue(object[key], rest, wanted);
	return object;
}
/** Whether two values are the same JSON, whatever the order of their keys. */
function sameJson(one, other) {
	if (one === other) return true;
	if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((item, index) => sameJson(item, other[index]));
	if (isObject(one) && isObject(other)) {
		const keys = Object.keys(one);
		return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]));
	}
	return false;
}
export { withValue as i, sameJson as n, valueAt as r, isObject as t };
