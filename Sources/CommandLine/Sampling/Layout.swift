import Genera
import Imaging

/// How samples become one picture. It is kept beside the recipe, so that the picture can be made again.
struct Layout: Equatable {
    /// The key of the layout among a PNG file's texts.
    static let textKey = "genera.layout"

    /// Pictures in a row; nil for as the family does it.
    var columns: Int?
    /// Pixels a pixel is drawn with; nil for as the family does it.
    var scale: Int?
    /// Steps between the frames of an animation; nil for a picture that stands still.
    var every: Int?

    /// The picture of some samples. A single one is drawn as it is.
    ///
    /// - Throws: errors of drawing.
    func picture<Sample: Drawable>(of samples: [Sample]) throws -> Image {
        if columns == nil, scale == nil {
            return samples.count == 1 ? try samples[0].drawn() : try Sample.picture(of: samples)
        }
        return try ImageGrid.arrange(samples.map { try $0.drawn() }, columns: columns, scale: scale)
    }

    /// The animation of some samples on their way, the end shown longer.
    ///
    /// - Throws: errors of drawing.
    func animation<Sample: Drawable>(of trajectories: [[Sample]]) throws -> Animation {
        let trajectories = trajectories.map { Sample.aligned($0) }
        // Samples that were finished before others stay as they were in the end.
        let pictures = try (0..<(trajectories.map(\.count).max() ?? 0)).map { step in
            try picture(of: trajectories.map { $0[min(step, $0.count - 1)] })
        }
        let frames = try Self.evened(pictures)
        return Animation(frames: frames, delays: frames.indices.map { $0 == frames.count - 1 ? 2000 : 80 })
    }

    /// Pictures of one size and kind, for samples such as texts that grow on their way.
    private static func evened(_ pictures: [Image]) throws -> [Image] {
        let (width, height) = (pictures.map(\.width).max() ?? 1, pictures.map(\.height).max() ?? 1)
        let channels = pictures.map(\.channels).max() ?? 3
        return try pictures.map { picture in
            if picture.width == width, picture.height == height, picture.channels == channels { return picture }
            let depth = picture.bitDepth
            let white = Array(repeating: (1 << depth) - 1, count: channels)
            var sheet = Image(width: width, height: height, channels: channels, bitDepth: depth, fill: white)
            try sheet.paste(picture.converted(toChannels: channels), x: 0, y: 0)
            return sheet
        }
    }

    /// The options that give this layout.
    var words: [String] {
        var words: [String] = []
        if let columns { words += ["--columns", "\(columns)"] }
        if let scale { words += ["--scale", "\(scale)"] }
        if let every { words += ["--preview-every", "\(every)"] }
        return words
    }

    /// The layout of options.
    init(columns: Int? = nil, scale: Int? = nil, every: Int? = nil) {
        (self.columns, self.scale, self.every) = (columns, scale, every)
    }

    /// Reads what `words` wrote.
    init?(text: String) {
        let words = text.split(separator: " ").map(String.init)
        guard words.count % 2 == 0 else { return nil }
        for place in stride(from: 0, to: words.count, by: 2) {
            guard let number = Int(words[place + 1]), (1...1_000_000).contains(number) else { return nil }
            switch words[place] {
            case "--columns": columns = number
            case "--scale": scale = min(number, 64)
            case "--preview-every": every = number
            default: return nil
            }
        }
    }

    /// The texts of a PNG file: those of the recipe, with the layout in its command.
    func texts(_ recipe: Recipe, out: String) -> [PNG.Text] {
        recipe.texts.filter { $0.keyword != "Description" }
            + [
                PNG.Text("Description", command(recipe, out: out)),
                PNG.Text(Self.textKey, words.joined(separator: " ")),
            ]
    }

    /// The command that draws a recipe's samples in this layout.
    func command(_ recipe: Recipe, out: String) -> String {
        let words = words + [every == nil ? "--out" : "--trajectory", Text.shellWord(out)]
        return ([recipe.command] + words).joined(separator: " ")
    }
}
