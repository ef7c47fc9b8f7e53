public import Foundation

/// Data sets and reference vectors that lie outside the repository.
///
/// They are found through the environment variable `TRIBUTARY_DATA`, else in `../shared/data` beside the package; vectors lie
/// beside them in `../vectors`. A test that needs a file is enabled on `TestData.has(…)` and says what it misses:
/// `@Test(.enabled(if: TestData.has("ml-1m/ml-1m.txt.gz"), "needs ml-1m; see the README"))`.
public enum TestData {
    /// Folder of the data sets.
    public static let directory: URL = {
        if let path = ProcessInfo.processInfo.environment["TRIBUTARY_DATA"], !path.isEmpty { return URL(filePath: path, directoryHint: .isDirectory) }
        return PackageTree.root.appending(path: "../shared/data").standardizedFileURL
    }()
    /// Folder of the reference vectors.
    public static let vectorDirectory = directory.appending(path: "../vectors").standardizedFileURL

    /// Path of a data file by its name below the folder, whether it exists or not.
    public static func path(_ name: String) -> String { directory.appending(path: name).path(percentEncoded: false) }
    /// Path of a vector file by its name below the folder, whether it exists or not.
    public static func vectorPath(_ name: String) -> String { vectorDirectory.appending(path: name).path(percentEncoded: false) }

    public static func has(_ name: String) -> Bool { FileManager.default.isReadableFile(atPath: path(name)) }
    public static func hasVectors(_ name: String) -> Bool { FileManager.default.isReadableFile(atPath: vectorPath(name)) }
}
