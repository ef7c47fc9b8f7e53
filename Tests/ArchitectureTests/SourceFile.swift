import Foundation
import TestSupport

/// A source file as the rules see it.
struct SourceFile: Sendable {
    /// Path from the root of the package.
    var path: String
    var text: String

    var isGenerated: Bool { path.hasSuffix(".pb.swift") || path.hasSuffix(".grpc.swift") || path.contains("/Generated/") }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// All Swift files below a folder of the package, sorted by path.
    static func all(under folder: String) throws -> [SourceFile] {
        try PackageTree.files(under: folder).filter { $0.hasSuffix(".swift") }.map { path in
            SourceFile(path: path, text: try String(contentsOf: PackageTree.root.appending(path: path), encoding: .utf8))
        }
    }
}

extension SourceFile {
    /// The lines without comments and without the contents of string literals, with their numbers from 1.
    var codeLines: [(number: Int, code: String)] {
        var result: [(Int, String)] = []
        var insideBlockComment = false
        var insideLongString = false
        for (index, line) in lines.enumerated() {
            var code = ""
            var insideString = false
            var rest = line[...]
            while let character = rest.first {
                if insideBlockComment {
                    if rest.hasPrefix("*/") { insideBlockComment = false; rest = rest.dropFirst() }
                } else if rest.hasPrefix("\"\"\"") {
                    insideLongString.toggle()
                    rest = rest.dropFirst(2)
                } else if insideLongString {
                    // contents of a literal
                } else if insideString {
                    if character == "\\" { rest = rest.dropFirst() } else if character == "\"" { insideString = false }
                } else if rest.hasPrefix("//") {
                    break
                } else if rest.hasPrefix("/*") {
                    insideBlockComment = true
                } else if character == "\"" {
                    insideString = true
                    code.append("\"\"")
                } else {
                    code.append(character)
                }
                rest = rest.dropFirst()
            }
            result.append((index + 1, code))
        }
        return result
    }

    /// The modules this file imports: `import X`, with any attributes and access level, also `import struct X.Y`.
    var imports: [(number: Int, module: String)] {
        codeLines.flatMap { number, code in
            code.split(separator: ";").compactMap { statement in Self.importedModule(statement).map { (number, $0) } }
        }
    }

    private static let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor"]
    private static let levels: Set<Substring> = ["public", "package", "internal", "fileprivate", "private", "open"]

    static func importedModule(_ statement: some StringProtocol) -> String? {
        var words = statement.split(whereSeparator: \.isWhitespace).map { Substring($0) }[...]
        while let word = words.first, word.hasPrefix("@") || levels.contains(word) { words = words.dropFirst() }
        guard words.first == "import" else { return nil }
        words = words.dropFirst()
        if let word = words.first, kinds.contains(word) { words = words.dropFirst() }
        return words.first?.split(separator: ".").first.map(String.init)
    }
}
