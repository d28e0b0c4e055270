/** Uploads one file with the given sender. */
export async function upload(file, send) {
  const answer = await send(file);
  if (answer.status !== 200) throw new Error(`upload of ${file.name} failed: ${answer.status}`);
  return answer.location;
}
