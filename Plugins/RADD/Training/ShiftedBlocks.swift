import Genera

/// Pieces of a text whose beginnings may be moved, so that training sees each token at every place.
struct ShiftedBlocks: Sendable {
    let blocks: TokenBlocks
    /// Where the part ends that training may see.
    let end: Int

    /// A piece, moved to the right by `shift` tokens as far as the part goes.
    func block(_ index: Int, shift: Int) -> [Int32] {
        guard shift > 0 else { return blocks[index] }
        let start = max(min(blocks.starts[index] + shift, end - blocks.length), blocks.starts[index])
        return blocks.tokens.array(start..<start + blocks.length)
    }
}
