extension Image {
    /// The part `x..<x + width`, `y..<y + height`.
    ///
    /// - Throws: `ImagingError` when the part is empty or reaches outside.
    public func cropped(x: Int, y: Int, width: Int, height: Int) throws -> Image {
        let fits =
            x >= 0 && y >= 0 && width > 0 && height > 0 && width <= self.width - x && height <= self.height - y
        guard fits else {
            throw ImagingError(
                reason: "the part \(width)x\(height) at (\(x), \(y)) is not inside \(self.width)x\(self.height)")
        }
        return gathered(columns: Array(x..<x + width), rows: Array(y..<y + height))
    }

    /// Mirrored left to right.
    public func flippedHorizontally() -> Image {
        gathered(columns: (0..<width).reversed(), rows: Array(0..<height))
    }

    /// Mirrored top to bottom.
    public func flippedVertically() -> Image {
        gathered(columns: Array(0..<width), rows: (0..<height).reversed())
    }

    /// Rows as columns and columns as rows: pixel (i, j) becomes (j, i).
    public func transposed() -> Image {
        let turned: Samples =
            switch samples {
            case .bytes(let bytes): .bytes(transpose(bytes))
            case .words(let words): .words(transpose(words))
            }
        return Image(width: height, height: width, channels: channels, samples: turned)
    }

    private func transpose<Sample>(_ source: [Sample]) -> [Sample] {
        var result: [Sample] = []
        result.reserveCapacity(source.count)
        for column in 0..<width {
            for row in 0..<height {
                let start = (row * width + column) * channels
                for index in start..<start + channels { result.append(source[index]) }
            }
        }
        return result
    }

    /// Every pixel as a square of `factor` by `factor` pixels.
    public func enlarged(by factor: Int) -> Image {
        precondition(factor > 0, "An image is enlarged by a positive factor, not \(factor).")
        if factor == 1 { return self }
        return gathered(
            columns: (0..<width * factor).map { $0 / factor }, rows: (0..<height * factor).map { $0 / factor })
    }

    /// Copies `image` with its top left corner at (x, y); what reaches outside is left out.
    ///
    /// - Throws: `ImagingError` when channels or bit depths differ.
    public mutating func paste(_ image: Image, x: Int, y: Int) throws {
        guard channels == image.channels, bitDepth == image.bitDepth else {
            throw ImagingError(
                reason: "an image of \(image.shape) cannot be pasted into one of \(shape)",
                advice: "Convert its channels and bit depth first.")
        }
        let source = image.samples
        switch samples {
        case .bytes(var target):
            samples = .bytes([])  // keeps the buffer unique, so that it is not copied
            if case let .bytes(source) = source { copy(source, of: image, into: &target, x: x, y: y) }
            samples = .bytes(target)
        case .words(var target):
            samples = .words([])
            if case let .words(source) = source { copy(source, of: image, into: &target, x: x, y: y) }
            samples = .words(target)
        }
    }

    private func copy<Sample>(_ source: [Sample], of image: Image, into target: inout [Sample], x: Int, y: Int) {
        let columns = max(0, x)..<max(max(0, x), min(width, x + image.width))
        let rows = max(0, y)..<max(max(0, y), min(height, y + image.height))
        let length = columns.count * channels
        guard length > 0 else { return }
        for row in rows {
            let to = (row * width + columns.lowerBound) * channels
            let from = ((row - y) * image.width + columns.lowerBound - x) * channels
            target.replaceSubrange(to..<to + length, with: source[from..<from + length])
        }
    }

    /// The picture whose pixel (i, j) is this one's (columns[i], rows[j]).
    func gathered(columns: [Int], rows: [Int]) -> Image {
        let gathered: Samples =
            switch samples {
            case .bytes(let bytes): .bytes(pick(bytes, columns: columns, rows: rows))
            case .words(let words): .words(pick(words, columns: columns, rows: rows))
            }
        return Image(width: columns.count, height: rows.count, channels: channels, samples: gathered)
    }

    private func pick<Sample>(_ source: [Sample], columns: [Int], rows: [Int]) -> [Sample] {
        var result: [Sample] = []
        result.reserveCapacity(columns.count * rows.count * channels)
        for row in rows {
            for column in columns {
                let start = (row * width + column) * channels
                for index in start..<start + channels { result.append(source[index]) }
            }
        }
        return result
    }
}
