/// What the readers assume about text.
enum TextEncoding {
    static let expectation = "expected UTF-8 text; convert the file, for example with: iconv -f ISO-8859-1 -t UTF-8"

    /// Refuses bytes that begin as another encoding or as a compressed file does.
    static func check(_ start: some Collection<UInt8>, fileName: String) throws {
        let head = Array(start.prefix(6))
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
            throw ImportError(.unsupported, at: .init(fileName: fileName), "the file is UTF-16; convert it with: iconv -f UTF-16 -t UTF-8")
        }
        if let kind = CompressedFile(magic: head) { throw kind.error(fileName: fileName) }
    }
}

/// Compressed files known by their first bytes.
enum CompressedFile {
    case gzip, xz, zip, zstandard, bzip2

    init?(magic: [UInt8]) {
        if magic.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if magic.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
            self = .xz
        } else if magic.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
            self = .zip
        } else if magic.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstandard
        } else if magic.starts(with: Array("BZh".utf8)) {
            self = .bzip2
        } else {
            return nil
        }
    }

    func error(fileName: String) -> ImportError {
        let (name, command) = switch self {
        case .gzip: ("gzip", "gzip -d")
        case .xz: ("xz", "xz -d")
        case .zip: ("zip", "unzip")
        case .zstandard: ("zstd", "zstd -d")
        case .bzip2: ("bzip2", "bzip2 -d")
        }
        return ImportError(.unsupported, at: .init(fileName: fileName), "the file is compressed by \(name); unpack it first with: \(command) \(fileName)")
    }
}
