/** A file on its way to the server, with how far it is: what fetch cannot tell. */

import { ApiError } from "../../api/client.ts";

export function upload(path: string, file: Blob, onProgress: (part: number) => void): Promise<void> {
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
      reject(new ApiError(0, "engine-silent", "the connection broke off", path, null));
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve();
      } else {
        const refusal = refusalOf(request.responseText);
        reject(new ApiError(request.status, refusal.code ?? "http-status", refusal.message ?? request.statusText, path, refusal));
      }
    };
    request.send(file);
  });
}

function refusalOf(text: string): { code?: string; message?: string } {
  try {
    return JSON.parse(text) as { code?: string; message?: string };
  } catch {
    return {};
  }
}
