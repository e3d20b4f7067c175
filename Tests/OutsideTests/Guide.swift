import Foundation

/// The commands and files of a guide in Markdown: blocks marked `sh` are commands, blocks marked with a language and a path are
/// files, written into the folder that the commands before them have gone to.
struct Guide {
    /// A block.
    enum Block {
        case commands(String)
        case file(path: String, content: String)
    }

    let blocks: [Block]

    /// Reads a guide.
    init(markdown: String) {
        var blocks: [Block] = []
        var open: (info: [Substring], lines: [Substring])?
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if let block = open {
                    let text = block.lines.joined(separator: "\n") + "\n"
                    if block.info.count == 2 {
                        blocks.append(.file(path: String(block.info[1]), content: text))
                    } else if block.info.first == "sh" {
                        blocks.append(.commands(text))
                    }
                    open = nil
                } else {
                    open = (line.dropFirst(3).split(separator: " "), [])
                }
            } else {
                open?.lines.append(line)
            }
        }
        self.blocks = blocks
    }

    /// One script of all, which stops at the first command that fails and says which it was.
    var script: String {
        let parts = blocks.map { block in
            switch block {
            case let .commands(text): text
            case let .file(path, content): "cat > \(path) <<'END-OF-FILE'\n\(content)END-OF-FILE\n"
            }
        }
        return "set -eux\n" + parts.joined()
    }
}
