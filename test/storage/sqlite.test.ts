import { openStorage } from '../../src/storage/sqlite.ts';
import { storageConformance } from './conformance.ts';
import { temporaryFile } from './temporary-file.ts';

storageConformance('SQLite in a file', async () => {
  const path = temporaryFile();
  let storage = await openStorage(path);
  return {
    storage,
    async reopen() {
      await storage.close();
      storage = await openStorage(path);
      return storage;
    },
  };
});

storageConformance('SQLite in memory', async () => {
  const storage = await openStorage(':memory:');
  return { storage, reopen: async () => storage };
});
