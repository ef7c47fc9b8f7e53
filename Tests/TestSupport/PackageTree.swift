public import Foundation

/// The working tree that the tests were built from.
public enum PackageTree {
    /// The folder of `Package.swift`.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Paths of all regular files below a folder, from the root of the package, sorted; hidden ones left out. Empty when there is no such folder.
    public static func files(under folder: String) throws -> [String] {
        let base = root.appending(path: folder).path(percentEncoded: false)
        guard let enumerator = FileManager.default.enumerator(atPath: base) else { return [] }
        var result: [String] = []
        while let path = enumerator.nextObject() as? String {
            if path.split(separator: "/").contains(where: { $0.hasPrefix(".") || $0 == "__pycache__" }) { continue }
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: base + "/" + path, isDirectory: &isFolder), !isFolder.boolValue { result.append(folder + "/" + path) }
        }
        return result.sorted()
    }

    /// Paths of the folders directly in a folder, from the root of the package, sorted.
    public static func folders(in parent: String) throws -> [String] {
        let base = root.appending(path: parent).path(percentEncoded: false)
        return try FileManager.default.contentsOfDirectory(atPath: base).filter { name in
            var isFolder: ObjCBool = false
            return !name.hasPrefix(".") && FileManager.default.fileExists(atPath: base + "/" + name, isDirectory: &isFolder) && isFolder.boolValue
        }.map { parent + "/" + $0 }.sorted()
    }
}
