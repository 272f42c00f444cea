export function goAvailable(): { version: string } | { missing: string }
