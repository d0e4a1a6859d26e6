/** A file on its way to the server, with how far it is: what fetch cannot tell. */

import type { Client, Refusal } from "../../api/client.ts";

export function upload(client: Client, path: string, file: Blob, onProgress: (part: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/admin/api${path}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) {
        onProgress(event.loaded / event.total);
      }
    };
    request.onerror = () => {
      reject(client.silent(path));
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve();
      } else {
        const refusal = refusalOf(request.responseText);
        reject(client.refused(request.status, { ...refusal, message: refusal.message ?? request.statusText }, path));
      }
    };
    request.send(file);
  });
}

function refusalOf(text: string): Refusal {
  try {
    return JSON.parse(text) as Refusal;
  } catch {
    return {};
  }
}
