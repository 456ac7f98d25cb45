// Without the theme's web font: the reader's own is there at once.
import theme from "vitepress/theme-without-fonts"
// oxlint-disable-next-line import/no-unassigned-import -- this is how Vite takes styles
import "./style.css"

export default theme
