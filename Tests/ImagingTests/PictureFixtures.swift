import Foundation

/// Pictures in formats that Genera does not write, encoded by libjpeg-turbo and libwebp (Pillow 13, quality 95, no subsampling; the one in
/// YCCK by a call of libjpeg) from pictures of these tests: 16 by 8, red 16 x, green 32 y, blue 128. Grey is 8 x + 16 y. The
/// transparent one has alpha 16 y from column 8 on. The two in inks have (16 x, 32 y, 128, 64) of cyan, magenta, yellow and black.
enum PictureFixtures {
    /// A baseline JPEG without subsampling.
    static let baseline = bytes(
        """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggL
        DAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAAR
        CAAIABADAREAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABwj/xAAcEAAABwEBAAAAAAAAAAAAAAAAAQcJM0NRBib/xAAVAQEBAAAAAAAA
        AAAAAAAAAAAHCf/EABoRAAICAwAAAAAAAAAAAAAAAAAHI6EFMTL/2gAMAwEAAhEDEQA/AANKGqYiLm8qCNmXDuSwKWz64lsplKGqYvN5UCjM
        uHcllAFs+uJbP//Z
        """)

    /// A progressive JPEG.
    static let progressive = bytes(
        """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggL
        DAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wgAR
        CAAIABADAREAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABgf/xAAVAQEBAAAAAAAAAAAAAAAAAAAGCP/aAAwDAQACEAMQAAABAowlMJ0B
        /8QAFhAAAwAAAAAAAAAAAAAAAAAAAAUH/9oACAEBAAEFAlUqFUqP/8QAFxEBAAMAAAAAAAAAAAAAAAAABgAiMf/aAAgBAwEBPwE29y0NvctP
        /8QAFxEAAwEAAAAAAAAAAAAAAAAAAAQGYv/aAAgBAgEBPwFyw0OWGj//xAAXEAADAQAAAAAAAAAAAAAAAAAAASSh/9oACAEBAAY/AlNgpsP/
        xAAUEAEAAAAAAAAAAAAAAAAAAAAQ/9oACAEBAAE/ITGP/9oADAMBAAIAAwAAABA//8QAFREBAQAAAAAAAAAAAAAAAAAAAPH/2gAIAQMBAT8Q
        trb/xAAWEQADAAAAAAAAAAAAAAAAAAAAMcH/2gAIAQIBAT8QfQ+j/8QAGBAAAgMAAAAAAAAAAAAAAAAAAAExUaH/2gAIAQEAAT8Qiqhyj//Z
        """)

    /// A grey JPEG.
    static let grey = bytes(
        """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggL
        DAsKDAkKCgr/wAALCAAIABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAACAn/xAAaEAAABwAAAAAAAAAAAAAAAAAACAklNENR/9oACAEBAAA/
        ACeW1NuOwZUKAFtTbjsGVD//2Q==
        """)

    /// Inks of 1 - colour, as Adobe writes them: inverted.
    static let cmyk = bytes(
        """
        /9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwL
        CgwJCgoK/8AAFAgACAAQBEMRAE0RAFkRAEsRAP/EABkAAAEFAAAAAAAAAAAAAAAAAAADBggJCv/EABsQAQAABwAAAAAAAAAAAAAAAAAJGkRm
        gqTh/9oADgRDAE0AWQBLAAA/ALHIklfkfkyPfuz0mn4z/wASSvyEyPfuz0B//9k=
        """)

    /// The same inks as luminance and colour differences.
    static let ycck = bytes(
        """
        /9j/7gAOQWRvYmUAZAAAAAAC/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwL
        CgwJCgoK/9sAQwECAgICAgIFAwMFCgcGBwoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK/8AAFAgA
        CAAQBAERAAIRAQMRAQQRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAgAB//EABwQAAEEAwEAAAAAAAAAAAAAAAABBwkzBkNRJv/EABUBAQEAAAAA
        AAAAAAAAAAAAAAcJ/8QAGhEAAgIDAAAAAAAAAAAAAAAAAAcjoQUxMv/aAA4EAQACEQMRBAAAPwDA2oipqRMb5qEbMuHclgUtn1xLY/BMtRFT
        V5vmoKMy4dyWUAWz64lsj//Z
        """)

    /// WebP with losses.
    static let lossy = bytes(
        """
        UklGRnYAAABXRUJQVlA4IGoAAABQAwCdASoQAAgAAIAIJbACdLcApQHyAboB+AGp/gegDNx6AAD+//4dBf+wlXiZY/Rwm++OD/an//QyeOe3
        4h47f/q79dCYLbAhB2oq/8w+H/+/J8mKhah/80Fs2TlmX/zxPFqg/zVgAAAA
        """)

    /// WebP without losses.
    static let lossless = bytes(
        """
        UklGRiwAAABXRUJQVlA4TB8AAAAvD8ABALmM6H/sIgrf/4CQgDDF/6OSPhADGBOAVG0HAA==
        """)

    /// WebP without losses, with transparency.
    static let alpha = bytes(
        """
        UklGRjYAAABXRUJQVlA4TCoAAAAvD8ABELkyRPQ/dhHR/wBhtlFRzp9zzwMYiAEUCKSwDZ4AklbSAzSG/gc=
        """)

    /// A WebP animation of two frames.
    static let animation = bytes(
        """
        UklGRpwBAABXRUJQVlA4WAoAAAACAAAADwAABwAAQU5JTQYAAAAAAAAAAABBTk1GtAAAAAAAAAAAAA8AAAcAAAAAAAJWUDhMnAAAAC8PwAEA
        /yMWTEKZv2v/QAzg/LchAwAAgFwBwEEAAASqKtu2bdu2bdt2Ef0PAILAECgMjkCi0BgsDg8gksgUKo3OYLLYHC6PTxCKxBKpTK5QqtQarU4v
        MJrMFqvN7nC63B6vz28IhsKRaCyeSKbSmWwuHyiWypVqrd5ottqdbq9fGI7Gk+lsvliu1pvtbj84ns6X6+3+eL7en+/vf0FOTUa0AAAAAAAA
        AAAADwAABwAAAAAAAFZQOEycAAAALw/AAQD/IxZMQpm/a/9ADOD8tyEDAACAXAHAQQAABKoq27Zt27Zt23YR/Y/HYTFoFBIBh0EhYBAQgOdx
        OWwWk0GnUSlkEpHA12k1apVSIZdJJWKRUKD3eT1ul9Nht1ktZpPR4M9lM+lUMhGPRSPhUDCQ73U77VazUa9VK+VSsdDfbTfr1XIxn00n49Fw
        sP99P+/X83G/XS/n0/Fw
        """)

    private static func bytes(_ base64: String) -> [UInt8] {
        Array(Data(base64Encoded: base64, options: .ignoreUnknownCharacters) ?? Data())
    }
}
